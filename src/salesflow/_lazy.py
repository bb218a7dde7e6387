"""Names that a package loads when they are first asked for, so that importing it stays light."""

from collections.abc import Callable, Mapping


def lazy_names(
    package: str, homes: Mapping[str, str], known: Mapping[str, object]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """A package's ``__getattr__`` and ``__dir__``.

    Args:
        package: its name.
        homes: the module of the package that each name comes from; a name that is its own home is
            that module.
        known: what the package has loaded already.
    """

    def load(name: str) -> object:
        from importlib import import_module

        if name not in homes:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        module = import_module(f"{package}.{homes[name]}")
        return module if name == homes[name] else getattr(module, name)

    def names() -> list[str]:
        return sorted({*known, *homes})

    return load, names
