"""Mistakes that the rules have to notice: what is done to the template's resources, and part of the complaint that must follow."""

MISTAKES = []


def mistake(expected):
    """Adds a mistake. Its name is what the function does."""

    def add(change):
        MISTAKES.append((change.__name__.replace("_", " "), expected, change))
        return change

    return add


def properties(resources, id):
    return resources[id]["Properties"]
