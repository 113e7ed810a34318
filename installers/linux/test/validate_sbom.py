"""validate_sbom.py SCHEMAS FILE: holds an SBOM against the CycloneDX 1.5 schema in the directory SCHEMAS."""

import json
import pathlib
import sys

import jsonschema

schemas = {}
for path in pathlib.Path(sys.argv[1]).glob("*.schema.json"):
    schema = json.loads(path.read_text(encoding="utf-8"))
    schemas[schema["$id"]] = schema
    schemas[path.name] = schemas[path.name.replace(".SNAPSHOT", "")] = schema
main = schemas["bom-1.5.schema.json"]
store = {**schemas, **{f"http://cyclonedx.org/schema/{name}": schema for name, schema in schemas.items() if "/" not in name}}
resolver = jsonschema.RefResolver(main["$id"], main, store=store)
errors = list(jsonschema.Draft7Validator(main, resolver=resolver).iter_errors(json.loads(pathlib.Path(sys.argv[2]).read_text())))
for error in errors:
    print(f"{sys.argv[2]}: {error.json_path}: {error.message}")
sys.exit(1 if errors else 0)
