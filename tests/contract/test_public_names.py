"""The public names can be imported, are complete, and show up where people look for them."""

from importlib import import_module
from types import ModuleType

import pytest

PACKAGES = ["salesflow", "salesflow.models", "salesflow.process"]
MODULES = {
    *("crm", "datasets", "errors", "events", "facts", "forecast", "metrics"),
    *("requirements", "review"),
}


def public_names() -> list[tuple[str, str]]:
    return [(package, name) for package in PACKAGES for name in import_module(package).__all__]


@pytest.mark.parametrize(("package", "name"), public_names())
def test_a_name_can_be_imported_and_is_no_module_by_accident(package, name):
    found = getattr(import_module(package), name)
    assert isinstance(found, ModuleType) == (name in MODULES)


@pytest.mark.parametrize("package", PACKAGES)
def test_from_import_gives_what_the_attribute_is(fresh, package):
    # A submodule of the same name would hide a name that is loaded when first asked for.
    program = f"""
import {package} as package
for name in reversed(package.__all__):
    getattr(package, name)
for name in package.__all__:
    scope = {{}}
    exec(f"from {package} import {{name}}", scope)
    assert scope[name] is getattr(package, name), name
print("same")
"""
    assert fresh(program) == "same"


@pytest.mark.parametrize("package", PACKAGES)
def test_names_are_listed_once_and_in_order(package):
    names = import_module(package).__all__
    in_order = sorted(set(names), key=lambda name: (not name.isupper(), name.islower(), name))
    assert names == in_order


@pytest.mark.parametrize("package", PACKAGES)
def test_dir_shows_them_before_they_are_loaded(fresh, package):
    program = (
        f"import {package} as package\nprint(sorted(set(package.__all__) - set(dir(package))))"
    )
    assert fresh(program) == "[]"


@pytest.mark.parametrize("package", PACKAGES)
def test_dir_shows_them_after_they_are_loaded(package):
    loaded = import_module(package)
    assert {*loaded.__all__} <= {*dir(loaded)}


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_the_usual_error(package):
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Dael'"):
        _ = import_module(package).Dael
