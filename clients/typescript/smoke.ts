// The main job with the generated TypeScript types: sign in, make an app and a key, ask in both modes, read an error.
//
//   PARLEY_URL=http://127.0.0.1:5001 PARLEY_EMAIL=… PARLEY_PASSWORD=… node smoke.ts

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths as ServicePaths } from "../../build/clients/typescript/service.d.ts";
import type { paths as ConsolePaths } from "../../build/clients/typescript/console.d.ts";
import type { paths as WebPaths } from "../../build/clients/typescript/web.d.ts";

type ChatEvent = components["schemas"]["ChatEvent"];

const url = setting("PARLEY_URL");

const anonymous = createClient<ConsolePaths>({ baseUrl: `${url}/console/api` });
const login = await anonymous.POST("/login", {
  body: { email: setting("PARLEY_EMAIL"), password: setting("PARLEY_PASSWORD") },
});
assert(login.data, JSON.stringify(login.error));
const owner = createClient<ConsolePaths>({
  baseUrl: `${url}/console/api`,
  headers: { Authorization: `Bearer ${login.data.data.access_token}` },
});
const app = await owner.POST("/apps", { body: { name: "TypeScript smoke", mode: "chat" } });
assert(app.data, JSON.stringify(app.error));
const key = await owner.POST("/apps/{app_id}/api-keys", { params: { path: { app_id: app.data.id } } });
assert(key.data, JSON.stringify(key.error));

const service = createClient<ServicePaths, "application/json">({
  baseUrl: `${url}/v1`,
  headers: { Authorization: `Bearer ${key.data.token}` },
});
const question = { inputs: {}, query: "Hello?", user: "ada" };
const answer = await service.POST("/chat-messages", { body: { ...question, response_mode: "blocking" } });
assert(answer.data && "answer" in answer.data, JSON.stringify(answer.error));
assert(answer.data.answer.length > 0);

const stream = await service.POST("/chat-messages", {
  body: { ...question, response_mode: "streaming", conversation_id: answer.data.conversation_id },
  parseAs: "stream",
});
assert(stream.response.body, JSON.stringify(stream.error));
const names: string[] = [];
for await (const event of events(stream.response.body)) names.push(event.event);
assert.equal(names.at(-1), "message_end");

const conversations = await service.GET("/conversations", { params: { query: { user: "ada", limit: 5 } } });
assert.deepEqual(conversations.data?.data.map((item) => item.id), [answer.data.conversation_id]);

const missing = await service.GET("/messages", {
  params: { query: { user: "ada", conversation_id: "00000000-0000-7000-8000-000000000000" } },
});
assert.equal(missing.error?.code, "not_found");

const web = createClient<WebPaths>({ baseUrl: `${url}/api` });
const refused = await web.GET("/parameters");
assert.equal(refused.error?.status, 401);

console.log(`TypeScript: ${names.length} events, ${answer.data.metadata.usage?.total_tokens} tokens`);

/** Yields the events of a stream of `data:` lines. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<ChatEvent> {
  let text = "";
  for await (const piece of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    text += piece;
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) if (frame.startsWith("data: ")) yield JSON.parse(frame.slice(6)) as ChatEvent;
  }
}

function setting(name: string): string {
  const value = process.env[name];
  assert(value, `set ${name}`);
  return value;
}
