"""The sample documents."""

from __future__ import annotations

from typing import Any

import yaml

SERVICE = """
openapi: 3.0.3
info: {title: Sample, version: "1"}
servers: [{url: /v1}]
security: [{AppKey: []}]
paths:
  /items:
    get:
      operationId: listItems
      tags: [Items]
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: last_id, in: query, schema: {$ref: "#/components/schemas/OptionalId"}}
        - {name: label, in: query, schema: {type: array, items: {type: integer}, maxItems: 3}}
        - {name: csv, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: pinned, in: query, schema: {type: boolean, nullable: true}}
        - {name: since, in: query, schema: {type: string, format: date-time}}
        - {name: mail, in: query, schema: {type: string, format: email}}
        - {name: link, in: query, schema: {type: string, format: uri}}
        - {name: either, in: query, schema: {oneOf: [{type: integer}, {type: string, enum: [all]}]}}
        - name: filter
          in: query
          content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: integer}}}}}
        - {name: X-Depth, in: header, schema: {type: integer, maximum: 5}}
        - {name: theme, in: cookie, schema: {type: string, enum: [dark, light]}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Seen"}}}}
        "400": {$ref: "#/components/responses/Error"}
        "401": {$ref: "#/components/responses/Error"}
    post:
      operationId: createItem
      tags: [Items]
      parameters:
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewItem"}}}
      responses:
        "201": {description: created, content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
        "400": {$ref: "#/components/responses/Error"}
        "401": {$ref: "#/components/responses/Error"}
        "409": {$ref: "#/components/responses/Error"}
        "429": {$ref: "#/components/responses/Error"}
  /items/{item_id}:
    parameters:
      - {name: item_id, in: path, required: true, schema: {type: string, format: uuid}}
    get:
      operationId: getItem
      tags: [Items]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
        "404": {$ref: "#/components/responses/Error"}
    delete:
      operationId: deleteItem
      tags: [Items]
      responses: {"204": {description: gone}}
  /items/latest:
    get:
      operationId: getLatestItem
      tags: [Items]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /older/{id}:
    get:
      operationId: getItemOlder
      tags: [Items]
      deprecated: true
      x-alias-of: getItem
      x-alias-map: {id: item_id}
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
  /providers/{provider}/models:
    get:
      operationId: listModels
      tags: [Items]
      parameters:
        - {name: provider, in: path, required: true, schema: {type: string}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /files:
    post:
      operationId: uploadFile
      tags: [Files]
      x-max-body-bytes: 300000
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              additionalProperties: false
              required: [file]
              properties:
                file: {type: string, format: binary}
                data: {type: object, properties: {name: {type: string}}}
                count: {type: integer, minimum: 1}
                labels: {type: array, items: {type: integer}}
                kind: {type: string, default: plain}
      responses:
        "201": {description: created, content: {application/json: {schema: {type: object}}}}
        "400": {$ref: "#/components/responses/Error"}
        "413": {$ref: "#/components/responses/Error"}
    get:
      operationId: downloadFile
      tags: [Files]
      responses:
        "200": {description: ok, content: {"*/*": {schema: {type: string, format: binary}}}}
  /forms:
    post:
      operationId: sendForm
      tags: [Files]
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1}
                age: {type: integer}
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1}
                age: {type: integer}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "400": {$ref: "#/components/responses/Error"}
        "415": {$ref: "#/components/responses/Error"}
  /raw:
    put:
      operationId: putRaw
      tags: [Files]
      requestBody:
        content: {application/octet-stream: {schema: {type: string, format: binary}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /shapes:
    post:
      operationId: addShape
      tags: [Shapes]
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/Shape"}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "400": {$ref: "#/components/responses/Error"}
  /stream:
    get:
      operationId: streamEvents
      tags: [Streams]
      parameters:
        - {name: fail, in: query, schema: {type: string}}
      responses:
        "200":
          description: events
          content:
            text/event-stream:
              schema: {type: object, properties: {data: {type: string}}}
              x-event-data: Event
  /broken:
    get:
      operationId: getBroken
      tags: [Faults]
      parameters:
        - {name: how, in: query, required: true, schema: {type: string}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string, format: uuid}}}
        "500": {$ref: "#/components/responses/Error"}
  /cached:
    get:
      operationId: getCached
      tags: [Caching]
      x-cache: private
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "304": {description: not modified}
  /open:
    get:
      operationId: getOpen
      tags: [Security]
      security: []
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /either:
    get:
      operationId: getEither
      tags: [Security]
      security: [{AppKey: []}, {KnowledgeKey: []}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /both:
    get:
      operationId: getBoth
      tags: [Security]
      security: [{AppKey: [], Signature: []}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /admin:
    post:
      operationId: doAdmin
      tags: [Security]
      x-permission: app
      x-access: admin
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "403": {$ref: "#/components/responses/Error"}
  /secrets:
    post:
      operationId: createSecret
      tags: [Security]
      x-secret-response: true
      parameters:
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "409": {$ref: "#/components/responses/Error"}
components:
  securitySchemes:
    AppKey: {type: http, scheme: bearer}
    KnowledgeKey: {type: http, scheme: bearer}
    Signature: {type: apiKey, in: header, name: X-Signature}
  responses:
    Error:
      description: error
      content: {application/json: {schema: {type: object, required: [code, message, status]}}}
  schemas:
    OptionalId:
      nullable: true
      anyOf: [{type: string, format: uuid}, {type: string, enum: [""]}]
    Seen: {type: object, additionalProperties: true}
    Item:
      type: object
      required: [id, name]
      properties:
        id: {type: string, format: uuid}
        name: {type: string}
        secret: {type: string, writeOnly: true}
        parent: {$ref: "#/components/schemas/Item"}
    NewItem:
      type: object
      required: [id, name, secret]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        secret: {type: string, writeOnly: true}
        name: {type: string, minLength: 1, maxLength: 10}
        count: {type: integer, minimum: 0, maximum: 9}
        size: {type: string, enum: [small, large], default: small}
        parent: {nullable: true, allOf: [{$ref: "#/components/schemas/NewItem"}]}
        options: {type: object, properties: {deep: {type: boolean, default: true}}}
        files: {type: array, nullable: true, items: {type: string}}
    Shape:
      oneOf: [{$ref: "#/components/schemas/Circle"}, {$ref: "#/components/schemas/Square"}]
      discriminator:
        propertyName: kind
        mapping: {circle: "#/components/schemas/Circle", square: Square}
    Circle:
      type: object
      required: [kind, radius]
      properties: {kind: {type: string}, radius: {type: number, exclusiveMinimum: true, minimum: 0}}
    Square:
      type: object
      required: [kind, side]
      properties: {kind: {type: string}, side: {type: number}, colour: {type: string, default: red}}
    Event:
      type: object
      required: [event]
      properties: {event: {type: string}, n: {type: integer}}
"""

CONSOLE = """
openapi: 3.0.3
info: {title: Sample console, version: "1"}
paths:
  /items:
    get:
      operationId: listItems
      tags: [Items]
      x-roles: [owner, admin]
      security: [{ConsoleToken: []}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "403": {description: refused, content: {application/json: {schema: {type: object}}}}
components:
  securitySchemes:
    ConsoleToken: {type: http, scheme: bearer}
"""


def documents() -> dict[str, dict[str, Any]]:
    """Return fresh copies of the sample documents by tier."""
    return {"service": yaml.safe_load(SERVICE), "console": yaml.safe_load(CONSOLE)}
