"""The names of typing, for the modules that the first frame needs.

Owns: what these names are while the program runs. To a type checker they are typing's own; but importing typing, and
the regular expressions that it brings, takes longer than reading and painting the first rows. Nothing looks at an
annotation at run time: all but NamedTuple are names of nothing. Other modules use typing itself.
"""

from __future__ import annotations

from operator import itemgetter

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
        """Turns a class of annotated fields, their defaults and methods into a tuple that has them by name."""

        def __new__(cls, name, bases, body):
            body["_fields"] = body["__match_args__"] = fields = tuple(body.pop("__annotations__", ()))
            body["_field_defaults"] = {field: body[field] for field in fields if field in body}
            body["__slots__"] = ()
            for n, field in enumerate(fields):
                body[field] = property(itemgetter(n))
            return super().__new__(cls, name, bases, body)

    class NamedTuple(tuple, metaclass=_MakesTuples):
        """What typing's is to those who make and read one. typing compiles a constructor for each class, and a page
        of rows is read in the time that takes for all of ours; here they have one in common."""

        def __new__(cls, /, *values, **named):
            if named or len(values) != len(cls._fields):
                rest = cls._fields[len(values) :]
                known = cls._field_defaults | named
                values += tuple(known[field] for field in rest if field in known)
                if len(values) != len(cls._fields) or not named.keys() <= set(rest):
                    raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
            return tuple.__new__(cls, values)

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(map('{}={!r}'.format, self._fields, self))})"

        def __getnewargs__(self):
            return tuple(self)

        def _replace(self, /, **named):
            return type(self)(**(dict(zip(self._fields, self, strict=True)) | named))


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
