"""What one environment exports, another may import."""

from qlocal.compose.export import as_dotenv
from qlocal.compose.scopes import Scope
from qlocal.operations.set_variables import Target, import_variables
from qlocal.operations.variables import variables
from tests.unit.operations.projects import Project


def test_what_qlocal_itself_sets_does_not_become_the_users(project: Project) -> None:
    project.up()
    text, _ = as_dotenv(variables(project.request, project.store, project.engine).variables)
    project.write("exported.env", text + "MINE=1\nQOVERY_BRANCH_NAME=other\n")
    target = Target(scope=Scope.PROJECT)
    result = import_variables(
        project.request, project.store, project.engine, target, "exported.env"
    )
    assert set(result.added) == {"MINE", "QOVERY_BRANCH_NAME"}
