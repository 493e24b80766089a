"""What a run tells of the files that it was given."""

from tests.records import take, write


def reasons(folder, **files):
    """Why rows of these files were rejected, by line."""
    for name, rows in files.items():
        write(folder, name, *rows)
    _, rejects = take(folder)
    return [(each.file, each.line, each.reason) for each in rejects]


def tally(result):
    return {each.file: (each.read, each.new, each.changed, each.unchanged, each.rejected) for each in result.files}


def carer(child_id="C1", **cells):
    return {"child_id": child_id, "name": "Sam Example", "relationship": "mother", **cells}
