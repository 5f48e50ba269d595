// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { FastifyInstance } from "fastify";
import { buildPanel } from "../../../../hosts/simulator/panel/panel.js";
import { FakeInstrument } from "./fake-instrument.js";

// biome-ignore lint/suspicious/noExplicitAny: JSON document
type Json = any;

/** Calls `visit` for every object below a value. */
function walk(value: Json, visit: (node: Json, path: string) => void, path = "#"): void {
	if (typeof value !== "object" || value === null) return;
	if (!Array.isArray(value)) visit(value, path);
	for (const [key, child] of Object.entries(value)) walk(child, visit, `${path}/${key}`);
}

describe("OpenAPI document of the control interface", () => {
	let app: FastifyInstance;
	let document: Json;

	before(async () => {
		({ app } = await buildPanel({ host: "127.0.0.1", port: 0, instrument: new FakeInstrument() }));
		document = (await app.inject({ url: "/api/openapi.json", headers: { host: "localhost" } })).json();
	});
	after(() => app.close());

	function operations(): { method: string; path: string; operation: Json }[] {
		return Object.entries(document.paths).flatMap(([path, methods]: [string, Json]) =>
			Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
		);
	}

	it("names every route below /api and no other", () => {
		assert.deepEqual(
			operations()
				.map(({ method, path }) => `${method} ${path}`)
				.sort(),
			[
				"get /api/leds",
				"get /api/live",
				"get /api/state",
				"post /api/power",
				"post /api/time/step",
				"put /api/answers",
				"put /api/clock",
				"put /api/housing",
				"put /api/inputs/{input}",
				"put /api/mains",
				"put /api/mains/household",
				"put /api/mains/phases/{phase}",
				"put /api/mains/phases/{phase}/household",
				"put /api/relays/{relay}",
				"put /api/switch/poles/{phase}",
				"put /api/time",
			],
		);
		for (const { method, path } of operations()) {
			const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
			assert.ok(app.hasRoute({ method: method.toUpperCase() as "GET", url }), path);
		}
	});

	it("has the parts that OpenAPI 3.1 demands", () => {
		assert.equal(document.openapi, "3.1.0");
		assert.ok(document.info.title.length > 0 && document.info.version.length > 0);
		const ids = operations().map(({ operation }) => operation.operationId);
		assert.equal(new Set(ids).size, ids.length);
		for (const { path, operation } of operations()) {
			assert.ok(operation.summary.length > 0);
			assert.ok(Object.keys(operation.responses).length > 0);
			for (const response of Object.values<Json>(operation.responses))
				assert.equal(typeof response.description, "string");
			const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
			const declared = (operation.parameters ?? []).filter((parameter: Json) => parameter.in === "path");
			assert.deepEqual(
				declared.map((parameter: Json) => parameter.name),
				named,
			);
			assert.ok(declared.every((parameter: Json) => parameter.required === true && parameter.schema !== undefined));
		}
	});

	it("describes what goes in and what comes out of every operation", () => {
		for (const { method, operation } of operations()) {
			const body = operation.requestBody?.content["application/json"]?.schema;
			assert.equal(body !== undefined, method !== "get", operation.operationId);
			if (body !== undefined) assert.equal(operation.requestBody.required, true);
			if (operation.operationId === "getLive") continue;
			assert.ok(operation.responses[200].content["application/json"].schema.$ref);
			if (method !== "get") assert.ok(operation.responses[400] && operation.responses[409]);
		}
	});

	it("refers only to schemas it holds, and every field says what it is", () => {
		let references = 0;
		walk(document, (node, path) => {
			if (typeof node.$ref === "string") {
				references++;
				const name = /^#\/components\/schemas\/(\w+)$/.exec(node.$ref)?.[1];
				assert.ok(name !== undefined && document.components.schemas[name] !== undefined, `${path}: ${node.$ref}`);
			}
			if (node.type !== "object" || node.properties === undefined) return;
			for (const required of node.required ?? []) assert.ok(node.properties[required], `${path}: ${required}`);
			for (const [name, property] of Object.entries<Json>(node.properties)) {
				assert.equal(typeof property.description, "string", `${path}: ${name}`);
			}
		});
		assert.ok(references > 20);
		assert.deepEqual(Object.keys(document.components.schemas).sort(), ["Error", "Leds", "State"]);
	});
});
