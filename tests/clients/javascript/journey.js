// What a user of the real system's JavaScript client does in a day, against the server that it is told of.

import assert from "node:assert/strict";
import { ChatClient, CompletionClient } from "dify-client";

const { PARLEY_URL: url, PARLEY_CHAT_KEY: chatKey, PARLEY_COMPLETION_KEY: completionKey } = process.env;
const user = "ada of JavaScript";

const chat = new ChatClient(chatKey, `${url}/v1`);
const first = await chat.createChatMessage({}, "Hello?", user);
assert.equal(first.data.event, "message");
const conversation = first.data.conversation_id;

const stream = await chat.createChatMessage({}, "And now?", user, true, conversation);
let text = "";
for await (const piece of stream.data) text += piece;
const events = text.split("\n\n").filter((frame) => frame.startsWith("data:")).map((frame) => JSON.parse(frame.slice(5)));
assert.equal(events.at(-1).event, "message_end");

const messages = await chat.getConversationMessages(user, conversation);
assert.deepEqual(messages.data.data.map((message) => message.query), ["Hello?", "And now?"]);
await chat.messageFeedback(first.data.message_id, "like", user);
const renamed = await chat.renameConversation(conversation, "Greetings", user, false);
assert.equal(renamed.data.name, "Greetings");
const conversations = await chat.getConversations(user);
assert.deepEqual(conversations.data.data.map((item) => item.name), ["Greetings"]);
const parameters = await chat.getApplicationParameters(user);
assert(Array.isArray(parameters.data.user_input_form));

const form = new FormData();
form.append("file", new Blob(["hello"], { type: "text/plain" }), "note.txt");
form.append("user", user);
const uploaded = await chat.fileUpload(form);
assert.equal(uploaded.data.name, "note.txt");
await chat.deleteConversation(conversation, user);

const completion = new CompletionClient(completionKey, `${url}/v1`);
const completed = await completion.createCompletionMessage({ query: "Say hello" }, user);
assert.equal(completed.data.mode, "completion");

console.log(`JavaScript: ${events.length} events`);
