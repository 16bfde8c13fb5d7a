"""Why a file is not taken: words for beside the field."""

from typing import Final

WRONG_TYPE: Final = "The selected file must be a PDF, JPG, PNG, DOCX or ODT"
CROWDED: Final = "The selected file is too complicated to look through. Print it to a new PDF and upload that"
LOCKED: Final = "The selected file is protected by a password. Remove the password and upload it again"
BROKEN: Final = "The selected file is damaged and cannot be opened"
DISGUISED: Final = "The selected file is two kinds of file in one. Save it again as one of them and upload that"


class UnfitFile(Exception):
    """The words say what is wrong with the file."""
