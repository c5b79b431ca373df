"""Requests drawn from the document: what it allows, and what it does not."""
import json
import string
import urllib.parse

WORDS = ("", "a", "live", "here", "origin", "edge", "\u00e9\u4e16\U0001f3a5", "a/b", "%", "'", "0", "-1", "null", "x" * 300)
INSTANTS = ("2099-06-01T18:00:00Z", "2027-01-01T00:00:00+02:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "noon")
NUMBERS = (0, 1, -1, 2, 15, 1023, 1025, 2**31, -(2**31), 2**53, 2**63, 1e300, 0.5)
OTHERS = (None, True, 0, -1, 1.5, "", "text", [], {}, [[]], {"a": {}})


class RequestMaker:
    def __init__(self, document, random, names):
        self._document = document
        self._random = random
        self._names = names  # of what is there

    def target(self, operation):
        path = operation.path
        query = []
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                value = self._random.choice(self._names + list(WORDS[1:]))
                path = path.replace("{" + parameter["name"] + "}", urllib.parse.quote(value, safe=""))
            elif parameter["in"] == "query" and self._chance(2):
                query += self._query(parameter)
        return path + ("?" + urllib.parse.urlencode(query) if query else "")

    def headers(self, operation):
        headers = {}
        for parameter in operation.parameters:
            if parameter["in"] == "header" and self._chance(4):
                headers[parameter["name"]] = self._random.choice(
                    ('"1"', '"0"', "*", 'W/"1"', '"x"', "1", "k" * 129, '"' + "9" * 30 + '"'))
        return headers

    def body(self, operation):
        """Media type and text; (None, None) where there is none."""
        if not operation.media:
            return None, None
        media_type = self._random.choice(list(operation.media))
        if "json" not in media_type:
            return media_type, self._random.choice(("", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "{"))
        value = self.value(operation.media[media_type]["schema"], 5)
        for _ in range(self._random.choice((0, 0, 1, 1, 2, 5))):
            value = self._damaged(value)
        text = json.dumps(value, ensure_ascii=self._chance(2))
        if self._chance(20):
            text = self._broken(text)
        return media_type, text

    def value(self, schema, depth):
        schema = self._document.resolved(schema)
        if "oneOf" in schema:
            return self.value(self._random.choice(schema["oneOf"]), depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        for part in schema.get("allOf", []):
            whole = self.value(part, depth)
            return {**whole, **self._members(schema, depth)} if isinstance(whole, dict) else whole
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = self._random.choice(kind)
        return self._of_kind(kind, schema, depth)

    def _of_kind(self, kind, schema, depth):
        if kind == "null":
            return None
        if kind == "boolean":
            return self._chance(2)
        if kind in ("integer", "number"):
            low = schema.get("minimum", 0)
            return self._random.choice((low, low + 1, min(schema.get("maximum", 10), 10), self._random.choice(NUMBERS)))
        if kind == "string":
            if schema.get("format") == "date-time":
                return self._random.choice(INSTANTS)
            return self._random.choice(self._names + list(WORDS))
        if kind == "array":
            count = 0 if depth <= 0 else self._random.choice((0, 1, 1, 2))
            return [self.value(schema.get("items", {}), depth - 1) for _ in range(count)]
        return self._members(schema, depth)

    def _members(self, schema, depth):
        required = schema.get("required", [])
        return {name: self.value(member, depth - 1) for name, member in schema.get("properties", {}).items()
                if name in required or (depth > 0 and self._chance(2))}

    def _query(self, parameter):
        if parameter.get("explode"):  # each property a parameter of its own
            names = list(self._document.resolved(parameter["schema"])["properties"])
            return [(self._random.choice(names + ["nonsense"]), self._word())]
        if self._chance(3):
            return [(parameter["name"], self._word())]
        value = self.value(parameter["schema"], 1)
        return [(parameter["name"], str(value).lower() if isinstance(value, bool) else str(value))]

    def _damaged(self, value):
        """Somewhere another kind of value, one member more or one less."""
        if isinstance(value, dict) and value and not self._chance(3):
            name = self._random.choice(list(value))
            return {**value, name: self._damaged(value[name])}
        if isinstance(value, list) and value and not self._chance(3):
            place = self._random.randrange(len(value))
            return value[:place] + [self._damaged(value[place])] + value[place + 1:]
        if isinstance(value, dict) and self._chance(2):
            return {**value, self._word() or "x": self._random.choice(OTHERS)}
        if isinstance(value, dict) and value:
            return {name: value[name] for name in list(value)[1:]}
        return self._random.choice(OTHERS + NUMBERS)

    def _broken(self, text):
        return self._random.choice((text[:-1], text + "}", "[" * 200 + "]" * 200, '{"a":1,"a":2}', "NaN", "\ufeff" + text,
                                    '"\\ud800"'))

    def _word(self):
        if self._chance(4):
            return "".join(self._random.choice(string.printable) for _ in range(self._random.randrange(12)))
        return self._random.choice(self._names + list(WORDS))

    def _chance(self, of):
        return self._random.randrange(of) == 0
