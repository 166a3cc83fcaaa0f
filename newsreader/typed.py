"""The names of typing, for the modules that the first frame needs.

Owns: what these names are while the program runs. To a type checker they are typing's own; but importing typing, and
the regular expressions that it brings, takes longer than reading and painting the first rows. Nothing looks at an
annotation at run time: all but NamedTuple are names of nothing. Other modules use typing itself.
"""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import (
        Any,
        Concatenate,
        Final,
        Literal,
        NamedTuple,
        NoReturn,
        ParamSpec,
        Protocol,
        Self,
        TypeAlias,
        TypeVar,
    )

    StrPath: TypeAlias = str | os.PathLike[str]
else:

    class _Nothing:
        """Any type, for all that a running program asks of one: made, subscribed, joined to others by `|`."""

        def __init__(self, name=""):
            self.args = self.kwargs = name

        def __getitem__(self, _):
            return self

        def __or__(self, _):
            return self

        __ror__ = __or__

    Any = Concatenate = Final = Literal = NoReturn = Self = StrPath = TypeAlias = _Nothing()
    ParamSpec = TypeVar = _Nothing

    class Protocol:
        """A base that says nothing."""

    class _MakesTuples(type):
        """Turns a class of annotated fields, their defaults and methods into a named tuple, as typing's does."""

        def __new__(cls, name, bases, body):
            fields = body.pop("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            made.__annotations__ = fields
            for key, value in body.items():
                if key not in ("__module__", "__qualname__"):
                    setattr(made, key, value)
            return made

    class _NamedTuple:
        def __mro_entries__(self, _):
            return (_BASE,)

    NamedTuple = _NamedTuple()
    _BASE = type.__new__(_MakesTuples, "NamedTuple", (), {})

__all__ = [
    "TYPE_CHECKING",
    "Any",
    "Concatenate",
    "Final",
    "Literal",
    "NamedTuple",
    "NoReturn",
    "ParamSpec",
    "Protocol",
    "Self",
    "StrPath",
    "TypeAlias",
    "TypeVar",
]
