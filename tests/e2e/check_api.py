#!/usr/bin/env python3
"""usage: check_api.py API.yaml EXCHANGES

Holds what went over the wire (one JSON object a line: method, target, request_headers, request_body, status, content_type,
headers, body) against the OpenAPI document: the operation exists, its required headers and body are there, the status and media
type are documented, the body is as the schema says, and so is what the signed reply in it holds. Prints each breach, then which
operations were seen; exits 1 where there was one.
"""
import base64
import json
import re
import sys

import jsonschema
import yaml

PARSED_BY_HAND = ("application/openmetrics-text",)  # a text of its own grammar (check_metrics.py)


class Api:
    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            found = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def operation(self, method, target):
        path = target.split("?")[0]
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
            asked = "get" if method == "HEAD" else method.lower()  # as the description says
            if re.fullmatch(pattern, path) and asked in item:
                return template, item[asked]
        return None, None

    def breaches(self, value, schema):
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": self.document["components"],
                 "allOf": [schema]}
        checker = jsonschema.Draft202012Validator(whole)
        return [f"{'.'.join(map(str, e.absolute_path)) or 'the body'}: {e.message[:200]}" for e in checker.iter_errors(value)]


def decoded(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def payload(jws):
    return decoded(jws.split(".")[1])


def signed_in(value):
    """Every signed document in a body, those in the payloads of others too."""
    if isinstance(value, str):
        if re.fullmatch(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", value):
            yield value
            yield from signed_in(payload(value))
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from signed_in(each)


def check_signed(api, body):
    found = []
    for jws in signed_in(body):
        head = decoded(jws.split(".")[0])
        documented = api.document["x-signed-documents"].get(head.get("typ"))
        if set(head) != {"alg", "kid", "typ"} or head["alg"] != "Ed25519" or documented is None:
            found.append(f"a signed document has the header {head}")
        else:
            found += [f"{head['typ']}: {breach}" for breach in api.breaches(payload(jws), documented["payload"])]
    return found


def check(api, exchange):
    """(operationId or None, [breach])"""
    template, operation = api.operation(exchange["method"], exchange["target"])
    if operation is None:
        return None, [] if exchange["status"] in (404, 405) else [f"is not documented, and answered {exchange['status']}"]
    found = []
    if exchange["status"] < 400:
        for parameter in map(api.resolve, operation.get("parameters", [])):
            if parameter["in"] == "header" and parameter.get("required"):
                value = exchange["request_headers"].get(parameter["name"].lower())
                found += [f"went well without {parameter['name']}"] if value is None else \
                    api.breaches(value, parameter["schema"])
        if "requestBody" in operation:
            content = api.resolve(operation["requestBody"])["content"]["application/json"]
            found += api.breaches(json.loads(exchange["request_body"]), content["schema"])
    responses = operation["responses"]
    response = api.resolve(responses.get(str(exchange["status"]), responses.get("default")))
    if response is None:
        return operation["operationId"], found + [f"status {exchange['status']} is not documented"]
    media = exchange["content_type"].split(";")[0]
    content = response.get("content")
    if content is None:
        return operation["operationId"], found
    if media not in content:
        return operation["operationId"], found + [f"{media} is not documented for {exchange['status']}"]
    if media in PARSED_BY_HAND:
        return operation["operationId"], found
    if exchange["method"] == "HEAD":
        return operation["operationId"], found + (["HEAD has a body"] if exchange["body"] else [])
    body = json.loads(exchange["body"])
    found += api.breaches(body, content[media]["schema"])
    found += check_signed(api, body)
    proof = exchange["request_headers"].get("latchkey-request")
    if proof is not None and exchange["status"] < 400:
        found += check_signed(api, proof)
    if "reply" in body:
        reply = payload(body["reply"])
        found += api.breaches(reply, {"$ref": "#/components/schemas/Reply"})
        inner = operation["x-signed-body"] if exchange["status"] < 400 else {"$ref": "#/components/schemas/Problem"}
        found += api.breaches(reply["body"], inner)
    return operation["operationId"], found


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        api = Api(yaml.safe_load(file))
    seen, broken = {}, False
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            exchange = json.loads(line)
            operation, found = check(api, exchange)
            statuses = seen.setdefault(operation or "(none)", set())
            statuses.add(exchange["status"])
            for breach in found:
                broken = True
                print(f"{exchange['method']} {exchange['target']} {exchange['status']}: {breach}")
    for operation in sorted(seen):
        print(f"seen {operation} {' '.join(map(str, sorted(seen[operation])))}")
    documented = {o["operationId"] for item in api.document["paths"].values() for o in item.values() if "operationId" in o}
    for operation in sorted(documented - set(seen)):
        print(f"unseen {operation}")
    sys.exit(broken)


if __name__ == "__main__":
    main()
