"""`python -m tests.evidence.looking` looks at all hostile files in a process of its own and tells what that took.

The system counts what a process weighed when it began another to the other's weight. So the inspector is begun here, before
what makes the files is imported.
"""

from app.core.segments import Draft
from app.evidence.inspection import INSPECTOR


def main() -> int:
    with Draft() as draft:
        draft.write(b"small")
        INSPECTOR.ask(draft)
    from tests.evidence import hostile

    return hostile.main()


if __name__ == "__main__":
    raise SystemExit(main())
