"""Says whether requests carry the AWS signature that botocore would give them: JSON lines in, JSON lines out."""
import json
import re
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, ?"
    r"SignedHeaders=(?P<signed>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})$"
)


def verify(question):
    found = AUTHORIZATION.match(question["headers"].get("authorization", ""))
    if found is None:
        return {"ok": False, "why": "no signature"}
    signed = found["signed"].split(";")
    headers = {name: question["headers"].get(name, "") for name in signed if name != "host"}
    request = AWSRequest(question["method"], question["url"], headers=headers, data=question["body"])
    if "host" in signed:
        request.headers["host"] = question["headers"]["host"]
    request.context["timestamp"] = question["headers"].get("x-amz-date", "")
    auth = SigV4Auth(Credentials(found["id"], question["secret"]), found["service"], found["region"])
    canonical = auth.canonical_request(request)
    expected = auth.signature(auth.string_to_sign(request, canonical), request)
    return {"ok": expected == found["signature"], "why": "the signature does not match", "signed": signed}


for line in sys.stdin:
    print(json.dumps(verify(json.loads(line))), flush=True)
