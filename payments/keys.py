"""Keys that carry their parent: year -> receivable -> instruction, payment, cover; file -> line."""

RECEIVABLES_A_YEAR = 10**10
CHILDREN = 100
LINES_A_FILE = 10**8


def receivables_of_year(year: int) -> tuple[int, int]:
    """First and last possible receivable id of a benefit year."""
    return year * RECEIVABLES_A_YEAR, (year + 1) * RECEIVABLES_A_YEAR - 1


def instructions_of_year(year: int) -> tuple[int, int]:
    """First and last possible id of an instruction, payment or row of cover of a benefit year."""
    low, high = receivables_of_year(year)
    return low * CHILDREN, high * CHILDREN + CHILDREN - 1


def lines_of_file(file_id: int) -> tuple[int, int]:
    """First and last possible line id of a file."""
    return file_id * LINES_A_FILE, file_id * LINES_A_FILE + LINES_A_FILE - 1
