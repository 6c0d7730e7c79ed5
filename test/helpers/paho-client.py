"""Debian's paho-mqtt as a client, told what to do by lines of JSON and telling in lines of JSON what happens.

Arguments: port, protocol version (3, 4 or 5), Client Identifier, and JSON with further options of the connection.
"""

import json
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

port, version, client_id = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
options = json.loads(sys.argv[4])


def tell(**what):
    print(json.dumps(what), flush=True)


def properties(kind, given):
    made = Properties(kind)
    for name, value in given.items():
        # Text stands for octets, and a list of two for a pair.
        if name == "CorrelationData":
            value = value.encode()
        if name == "UserProperty":
            value = tuple(value)
        setattr(made, name, value)
    return made


def plain(given):
    if given is None:
        return {}
    return {
        name: value.decode() if isinstance(value, bytes) else value for name, value in given.json().items()
    }


def code_of(code):
    return code if isinstance(code, int) else code.value


def on_connect(client, userdata, flags, code, props=None):
    tell(what="connected", code=code_of(code), present=flags["session present"], properties=plain(props))


def on_message(client, userdata, message):
    tell(
        what="message",
        topic=message.topic,
        payload=message.payload.decode(),
        qos=message.qos,
        retain=bool(message.retain),
        dup=bool(message.dup),
        properties=plain(getattr(message, "properties", None)),
    )


def on_subscribe(client, userdata, mid, granted, props=None):
    tell(what="subscribed", codes=[code_of(code) for code in granted])


def on_publish(client, userdata, mid):
    tell(what="published", mid=mid)


def on_disconnect(client, userdata, code, props=None):
    tell(what="disconnected", code=code_of(code))


def make():
    arguments = {"client_id": client_id, "protocol": version}
    if version != 5:
        arguments["clean_session"] = options.get("clean", True)
    client = mqtt.Client(**arguments)
    client.on_connect, client.on_message, client.on_subscribe = on_connect, on_message, on_subscribe
    client.on_publish, client.on_disconnect = on_publish, on_disconnect
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    will = options.get("will")
    if will is not None:
        client.will_set(will["topic"], will["payload"], will["qos"], will.get("retain", False))
    return client


client = make()
if version == 5:
    client.connect(
        "127.0.0.1",
        port,
        60,
        clean_start=options.get("clean", True),
        properties=properties(PacketTypes.CONNECT, options.get("properties", {})),
    )
else:
    client.connect("127.0.0.1", port, 60)
client.loop_start()

for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "publish":
        more = {"properties": properties(PacketTypes.PUBLISH, order["properties"])} if "properties" in order else {}
        client.publish(order["topic"], order["payload"], order["qos"], order.get("retain", False), **more)
    elif order["do"] == "subscribe":
        if version == 5:
            client.subscribe(order["filter"], options=SubscribeOptions(qos=order["qos"]))
        else:
            client.subscribe(order["filter"], order["qos"])
    elif order["do"] == "cut":
        # The network breaks: the client learns of it and connects again by itself.
        client.socket().shutdown(2)
    elif order["do"] == "disconnect":
        client.disconnect()
        client.loop_stop()
        break
