"""Lists and objects of kinds, and objects of one of several forms."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.forms.kinds import Kind, check_length
from bot.sandbox.discord.refusals import Place

Json = Any
Rule = Callable[[Json, Place], None]  # looks at an object whose fields are right


@dataclass(frozen=True)
class ListOf(Kind):
    """A list of one kind; a set has nothing twice."""

    of: Kind
    least: int = 0
    most: int = 100
    is_set: bool = False

    def check(self, value: Json, place: Place) -> None:
        """Note its faults, and those of all that stands in it."""
        if not isinstance(value, list):
            name = "SetType" if self.is_set else "ListType"
            place.wrong("LIST_TYPE_CONVERT", f"Only iterables may be used in a {name}")
            return
        if not check_length(value, self.least, self.most, place):
            return
        for index, each in enumerate(value):
            before = value[:index] if self.is_set else ()
            if each is None:
                place[index].wrong("BASE_TYPE_REQUIRED", "This field is required")
            elif any(each == other for other in before):
                text = "The set already contains this value"
                place[index].wrong("SET_TYPE_ALREADY_CONTAINS_VALUE", text)
            else:
                self.of.check(each, place[index])

    def kept(self, value: Json) -> Json:
        """What is kept of each."""
        return [self.of.kept(each) for each in value]


@dataclass(frozen=True)
class MapOf(Kind):
    """Values of one kind by names of any: texts by their locale."""

    of: Kind

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        if not isinstance(value, dict):
            place.wrong("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return
        for key, each in value.items():
            if each is not None:
                self.of.check(each, place[key])

    def kept(self, value: Json) -> Json:
        """What is kept of each that is not null."""
        return {key: self.of.kept(each) for key, each in value.items() if each is not None}


@dataclass(frozen=True)
class Fields(Kind):
    """An object; fields that nobody knows are passed over. The rules see it once it is right."""

    fields: Mapping[str, Kind]
    required: Collection[str] = ()
    rules: tuple[Rule, ...] = ()

    def check(self, value: Json, place: Place) -> None:
        """Note its faults, and those of its fields."""
        if not isinstance(value, dict):
            place.wrong("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return
        for name, kind in self.fields.items():
            if value.get(name) is not None:
                kind.check(value[name], place[name])
            elif name in self.required:
                place[name].wrong("BASE_TYPE_REQUIRED", "This field is required")
        for rule in self.rules:
            if not place.is_right:
                return
            rule(value, place)

    def kept(self, value: Json) -> Json:
        """The fields that are known, and not null."""
        there = ((name, value.get(name)) for name in self.fields)
        return {name: self.fields[name].kept(each) for name, each in there if each is not None}


@dataclass(frozen=True)
class ByType(Kind):
    """An object of one of several forms; its `type` says of which."""

    forms: Mapping[int, Kind]

    def check(self, value: Json, place: Place) -> None:
        """Note its faults, and those of its fields."""
        if not isinstance(value, dict):
            place.wrong("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return
        kind = value.get("type")
        if not isinstance(kind, int) or isinstance(kind, bool) or kind not in self.forms:
            known = ", ".join(map(str, sorted(self.forms))) + "," * (len(self.forms) == 1)
            text = f'Value of field "type" must be one of ({known}).'
            place.wrong("UNION_TYPE_CHOICES", text)
            return
        self.forms[kind].check(value, place)

    def kept(self, value: Json) -> Json:
        """What its form keeps, and its type."""
        return {"type": value["type"], **self.forms[value["type"]].kept(value)}
