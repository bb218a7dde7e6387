"""`plain`: a column's name without what is written differently from file to file."""


def plain(name: str) -> str:
    """The name in small letters, of letters and digits alone.

    Example:
        >>> plain("Close Date"), plain("close_date"), plain("Probability (%)")
        ('closedate', 'closedate', 'probability')
    """
    return "".join(filter(str.isalnum, name.casefold()))


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
