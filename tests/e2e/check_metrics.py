#!/usr/bin/env python3
"""usage: check_metrics.py < TEXT: reads OpenMetrics text with Prometheus' own strict parser and prints name{labels} value."""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

for family in text_string_to_metric_families(sys.stdin.read()):
    print(f"family {family.name} {family.type}")
    for sample in family.samples:
        labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
        print(f"{sample.name}{{{labels}}} {sample.value:g}")
