"""How tests are spread over processes: a file on one database to each, so that what its tests share is made once."""

import pytest
from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):
    """Files in the order in which their first test was collected."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)  # type: ignore[arg-type]
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        return f"{file} on PostgreSQL" if "[postgresql" in test else file


def longest_first(items: list[pytest.Item]) -> None:
    """Nobody is left to walk alone when the others have finished."""
    items.sort(key=lambda item: item.get_closest_marker("walk") is None)
