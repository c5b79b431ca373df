"""A store that speaks S3 and checks who signed: moto, with the bucket, another one called BUCKET-own, and one user who may do everything with them.

s3_server.py PORT BUCKET; prints the user's keys as JSON once it serves."""

import json
import logging
import os
import sys
import threading

os.environ.setdefault("INITIAL_NO_AUTH_ACTION_COUNT", "4")

import boto3
from botocore.config import Config
from moto.iam import access_control
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


def encode_query(path):
    """As it is signed; moto checks it with its slashes decoded, and refuses whoever lists a folder."""
    place, question, query = path.partition("?")
    return place + question + query.replace("/", "%2F")


def check_signatures_of_folders():
    create = access_control.IAMRequestBase._create_aws_request

    def encoded(request):
        request._path = encode_query(request._path)
        return create(request)

    access_control.IAMRequestBase._create_aws_request = encoded


def client(service, port):
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                        aws_access_key_id="first", aws_secret_access_key="first", config=Config(retries={"max_attempts": 0}))


def main():
    port, bucket = int(sys.argv[1]), sys.argv[2]
    logging.getLogger("werkzeug").setLevel(logging.INFO)
    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    check_signatures_of_folders()
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    server = make_server("127.0.0.1", port, DomainDispatcherApplication(create_backend_app), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    iam = client("iam", port)
    iam.create_user(UserName="headgate")
    key = iam.create_access_key(UserName="headgate")["AccessKey"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="headgate", PolicyName="all", PolicyDocument=json.dumps(policy))
    client("s3", port).create_bucket(Bucket=bucket)
    boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                 aws_secret_access_key=key["SecretAccessKey"]).create_bucket(Bucket=f"{bucket}-own")
    print(json.dumps({"accessKey": key["AccessKeyId"], "secretKey": key["SecretAccessKey"]}), flush=True)
    threading.Event().wait()


main()
