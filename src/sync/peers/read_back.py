"""What lies in a bucket, read by programs that are not ours: boto3 finds what the manifests name, DuckDB reads it.

usage: read_back.py make ENDPOINT BUCKET | read ENDPOINT BUCKET FOLDER | rows ENDPOINT BUCKET FOLDER
"rows" prints a line for each manifest, then one for each row of each table: [table, cells].
"""
import hashlib
import json
import sys
from pathlib import Path

import boto3
import duckdb

what, endpoint, bucket = sys.argv[1:4]
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="secret")
if what == "make":
    s3.create_bucket(Bucket=bucket)
    sys.exit()

folder = Path(sys.argv[4])
keys = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket) for o in page.get("Contents", [])]
manifests = sorted(key for key in keys if "/_manifest/" in key)
files, tables, next_event = [], {}, 0
for key in manifests:
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert manifest["first"] == next_event, "a gap, or a batch that came twice"
    next_event = manifest["next"]
    if what == "rows":
        print(json.dumps({"first": manifest["first"], "next": manifest["next"], "digest": manifest["digest"]}))
    for entry in manifest["objects"]:
        data = s3.get_object(Bucket=bucket, Key=entry["key"])["Body"].read()
        assert len(data) == entry["size"] and hashlib.sha256(data).hexdigest() == entry["sha256"]
        path = folder / f"{len(files)}.parquet"
        path.write_bytes(data)
        files.append(str(path))
        tables.setdefault(entry["key"].split("v1/")[1].split("/")[0], []).append((str(path), entry["rows"]))
loose = [key for key in keys if key.endswith(".parquet")]
assert len(loose) == len(files), "files that no manifest names"
READ = {"TIMESTAMP WITH TIME ZONE": "epoch_us({})", "BLOB": "lower(hex({}))"}
if what == "rows":
    for table, named in tables.items():
        source = f"read_parquet({[path for path, _ in named]!r})"
        columns = duckdb.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
        select = ", ".join(READ.get(kind, "{}").format(f'"{name}"') for name, kind, *_ in columns)
        rows = duckdb.sql(f"SELECT {select} FROM {source}").fetchall()
        assert len(rows) == sum(count for _, count in named)
        for row in rows:
            print(json.dumps([table, row]))
    sys.exit()
rows = duckdb.sql(
    f"SELECT box_id, seq, word, is_odd, epoch_us(\"at\"), lower(hex(leaf)), typeof(\"at\") FROM read_parquet({files!r}) ORDER BY seq"
).fetchall()
print(json.dumps({"manifests": len(manifests), "next": next_event, "rows": rows}))
