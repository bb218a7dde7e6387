"""`without_prefix`: a column's name without what a system puts before it."""


def without_prefix(name: str, prefixes: tuple[str, ...]) -> str | None:
    """What follows one of the prefixes; None if the name begins with none of them.

    Example:
        >>> without_prefix("properties.amount", ("properties.", "property_"))
        'amount'
    """
    for prefix in prefixes:
        if name.casefold().startswith(prefix.casefold()):
            return name[len(prefix) :]
    return None
