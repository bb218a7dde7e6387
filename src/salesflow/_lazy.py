"""Names that a package loads when they are first asked for, so that importing it stays light."""

from collections.abc import Callable, Mapping


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """A package's ``__getattr__``: each name comes from a module of the package, its home.

    A home equal to the name is the module itself.
    """

    def load(name: str) -> object:
        from importlib import import_module

        if name not in homes:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        module = import_module(f"{package}.{homes[name]}")
        return module if name == homes[name] else getattr(module, name)

    return load
