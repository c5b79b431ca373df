"""resources/openapi.yaml as a contract: which calls there are, and whether an answer is what it says."""
import copy
import re

import jsonschema
import yaml

METHODS = ("get", "put", "post", "patch", "delete")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")

FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or bool(INSTANT.match(value)))


def closed(schema):
    """The schema with nothing let through that it does not name: an answer has no member that is not described."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema and "allOf" not in schema:
        result["unevaluatedProperties"] = False
    return result


class Operation:
    def __init__(self, document, path, method, body):
        self.path = path
        self.method = method
        self.responses = body["responses"]
        self.is_open = body.get("security") == []
        self.parameters = [document.resolved(each) for each in body.get("parameters", [])]
        self.media = body.get("requestBody", {}).get("content", {})

    def __str__(self):
        return f"{self.method.upper()} {self.path}"

    def is_write(self):
        return any(each["name"] == "dryRun" for each in self.parameters)


class Document:
    def __init__(self, file):
        with open(file, encoding="utf-8") as text:
            self.root = yaml.safe_load(text)
        self._closed = {"components": {"schemas": closed(copy.deepcopy(self.root["components"]["schemas"]))}}

    def resolved(self, value):
        while "$ref" in value:
            found = self.root
            for key in value["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            value = found
        return value

    def operations(self, below):
        return [Operation(self, path, method, body[method])
                for path, body in self.root["paths"].items() if path.startswith(below)
                for method in METHODS if method in body]

    def complaint(self, operation, status, media_type, body):
        """What an answer has that the document does not say, or None."""
        # What a dry run would have made, if it is not described by itself.
        is_shown = status == 200 and "201" in operation.responses and "200" not in operation.responses
        answer = operation.responses.get("201" if is_shown else str(status))
        if answer is None:
            return f"{operation} answers {status}, which is not described: {str(body)[:300]}"
        content = self.resolved(answer).get("content")
        if content is None or body is None:
            return None
        if media_type not in content:
            return f"{operation} answers {status} as {media_type}, described is {', '.join(content)}"
        if isinstance(body, bytes):
            return None  # files have no members
        schema = {**self._closed, **closed(copy.deepcopy(content[media_type]["schema"]))}
        checker = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
        error = jsonschema.exceptions.best_match(checker.iter_errors(body))
        if error is None:
            return None
        return f"{operation} answers {status}, at /{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
