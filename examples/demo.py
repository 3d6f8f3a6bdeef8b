"""The demonstration behind `make demo`: runs examples/02-todo and shows a real answer of it."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
TODO = HERE / "02-todo"
QLOCAL = [sys.executable, "-m", "qlocal"]


def ask(url, body=None):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def main():
    up = subprocess.run(
        [*QLOCAL, "up", "-C", str(TODO), "--json"], stdout=subprocess.PIPE, check=False
    )
    result = json.loads(up.stdout)
    if up.returncode:
        print(json.dumps(result, indent=2), file=sys.stderr)
        sys.exit(up.returncode)
    url = result["urls"]["todo"]
    row = ask(f"{url}/api/todos", {"text": "try qlocal on a repository of mine"})
    answer = ask(f"{url}/api/todos")
    print(f"\n{url}/\n")
    print(f"$ curl {url}/api/todos")
    print(json.dumps({**answer, "todos": [*answer["todos"][-3:]]}, indent=2))
    print(f"\nRow {row['id']} went through PostgreSQL, the visits were counted by Redis.")
    print("Its logs:  .venv/bin/qlocal logs -C examples/02-todo")
    print("Stop it:   .venv/bin/qlocal down -C examples/02-todo    (its data stays)")


main()
