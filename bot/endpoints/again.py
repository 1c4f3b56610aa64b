"""A request for an endpoint, and one made anew of an earlier one as the endpoints are now. Pure."""

from collections.abc import Sequence

from bot.endpoints.catalogue import Endpoint
from bot.endpoints.values import drawn, values_of
from bot.errors import Refused
from bot.jobs.request import Draw, FieldKind, Input, Request, Value


def request_for(
    endpoint: Endpoint,
    values: tuple[Value, ...],
    inputs: tuple[Input, ...],
    *,
    is_spoiler: bool = False,
) -> Request:
    """The complete request: what the POST needs, and what it costs now."""
    return Request(
        endpoint_id=endpoint.id,
        endpoint_name=endpoint.name,
        command=endpoint.command,
        group=endpoint.group,
        cover_url=endpoint.cover_url,
        credits=endpoint.credits,
        values=values,
        inputs=inputs,
        is_spoiler=is_spoiler,
        is_restricted=endpoint.nsfw,
    )


def current(endpoints: Sequence[Endpoint], request: Request) -> Endpoint:
    """The endpoint that the request was made for; Refused where it is no longer offered."""
    same = [endpoint for endpoint in endpoints if endpoint.id == request.endpoint_id]
    asked = (request.group, request.command)
    named = [endpoint for endpoint in same if (endpoint.group, endpoint.command) == asked]
    if len(named or same) != 1:
        raise Refused("{name} is no longer offered here.", name=request.endpoint_name)
    return (named or same)[0]


def again(endpoint: Endpoint, request: Request, draw: Draw) -> Request:
    """The same values and pictures with new seeds; Refused where they no longer fit the endpoint."""
    fields = {field.id: field for field in endpoint.fields}
    given: dict[str, object] = {}
    asked: tuple[Value | Input, ...] = (*request.values, *request.inputs)
    for each in asked:
        field = fields.get(each.field_id)
        is_picture = isinstance(each, Input)
        if field is None or (field.kind is FieldKind.IMAGE) is not is_picture:
            raise Refused("{name} takes other things now: use /{command}.", **_named(endpoint))
        if field.kind is FieldKind.SEED:
            given[field.name] = drawn(field, draw)
        else:
            given[field.name] = each.text if isinstance(each, Value) else each
    lacking = [f.name for f in endpoint.fields if f.required and f.name not in given]
    if lacking:
        raise Refused(
            "{name} needs {field} now: use /{command}.", field=lacking[0], **_named(endpoint)
        )
    values = values_of(endpoint, given, draw)
    return request_for(endpoint, values, request.inputs, is_spoiler=request.is_spoiler)


def _named(endpoint: Endpoint) -> dict[str, str]:
    return {"name": endpoint.name, "command": endpoint.qualified_name}
