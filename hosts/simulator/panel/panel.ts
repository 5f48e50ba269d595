// SPDX-License-Identifier: Apache-2.0
import { STATUS_CODES } from "node:http";
import swagger from "@fastify/swagger";
import websocket from "@fastify/websocket";
import fastify, { type FastifyError, type FastifyInstance } from "fastify";
import { ListenError } from "../links/listen-error.js";
import { AccessGuard, liveProtocol } from "./access-guard.js";
import { controlRoutes } from "./control-routes.js";
import { ConflictError, type Instrument } from "./instrument.js";
import { LiveFeed } from "./live-feed.js";
import { StepQueue } from "./step-queue.js";
import { UpgradeGate } from "./upgrade-gate.js";
import { webFiles } from "./web-files.js";

export interface PanelOptions {
	/** Address to bind to. On anything but loopback every control request needs a token. */
	readonly host: string;
	/** 0 chooses a free one. */
	readonly port: number;
	readonly instrument: Instrument;
	/** Everything can be seen and nothing changed. */
	readonly isReadOnly?: boolean;
	/** Told of faults of our own, which the client sees as 500 only. */
	readonly onFault?: (error: Error) => void;
}

export interface Panel {
	readonly port: number;
	/** Needed by every control request; undefined when bound to loopback. */
	readonly token: string | undefined;
	/** Drops all connections and stops to listen. */
	close(): Promise<void>;
}

const bodyLimit = 64 * 1024;
const greatestMessage = 1024; // viewers have nothing to say

/**
 * Starts the web front panel with the control interface of the simulator.
 *
 * @throws ListenError when the address can not be bound
 */
export async function createPanel(options: PanelOptions): Promise<Panel> {
	const { host, port } = options;
	const { app, token } = await buildPanel(options);
	try {
		await app.listen({ host, port });
	} catch (error) {
		await app.close();
		throw new ListenError(host, port, (error as NodeJS.ErrnoException).code ?? "unknown");
	}
	const address = app.server.address();
	const bound = typeof address === "object" && address !== null ? address.port : port;
	return { port: bound, token, close: () => app.close() };
}

/** The server before it listens, for tests that inject requests. */
export async function buildPanel(options: PanelOptions): Promise<{ app: FastifyInstance; token: string | undefined }> {
	const { instrument } = options;
	const guard = new AccessGuard(options.host);
	const feed = new LiveFeed(() => JSON.stringify(instrument.state()));
	const steps = new StepQueue((duration_ms) => instrument.step(duration_ms));
	const app = fastify({
		bodyLimit,
		requestTimeout: 30_000,
		forceCloseConnections: true,
		routerOptions: { maxParamLength: 64 },
		ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
		schemaErrorFormatter: ([first], where) => new Error(describe(first, where)),
	});
	app.removeContentTypeParser("text/plain");
	const gate = new UpgradeGate(app.server, "/api/live");
	app.addHook("preClose", async () => {
		feed.close();
		gate.close();
		await steps.close();
	});
	// before the hook that refuses: only what its own hook has seen is hung up after a refusal
	await app.register(websocket, {
		options: {
			maxPayload: greatestMessage,
			handleProtocols: (offered) => (offered.has(liveProtocol) ? liveProtocol : false),
		},
	});
	app.addHook("onRequest", async (request, reply) => {
		reply.headers(securityHeaders);
		const refusal = guard.refuseForeign(request.headers);
		if (refusal === undefined) return;
		const { statusCode, message } = refusal;
		return reply.code(statusCode).send({ statusCode, error: STATUS_CODES[statusCode], message });
	});
	app.setErrorHandler<FastifyError>((error, _request, reply) => {
		const statusCode = statusOf(error);
		if (statusCode === 500) options.onFault?.(error);
		const message = statusCode === 500 ? "a fault of the simulator; its log says more" : error.message;
		return reply.code(statusCode).send({ statusCode, error: STATUS_CODES[statusCode] ?? "Error", message });
	});
	await app.register(swagger, {
		openapi: {
			openapi: "3.1.0",
			info: {
				title: "sx402 simulator control interface",
				description: "Looks at a simulated meter and moves its world. Not part of a real meter.",
				version: "1.0.0",
			},
			components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
			...(guard.token === undefined ? {} : { security: [{ token: [] }] }),
		},
		refResolver: { buildLocalReference: (json) => String(json["$id"]) },
	});
	const isReadOnly = options.isReadOnly ?? false;
	await app.register(controlRoutes, { prefix: "/api", instrument, guard, feed, steps, isReadOnly });
	await app.register(webFiles);
	return { app, token: guard.token };
}

const securityHeaders = Object.freeze({
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	"cross-origin-resource-policy": "same-origin",
	"cross-origin-opener-policy": "same-origin",
	"x-frame-options": "DENY",
	"cache-control": "no-cache",
});

function statusOf(error: FastifyError): number {
	if (error.statusCode !== undefined) return error.statusCode; // of the server itself, some of which are RangeErrors
	if (error instanceof RangeError) return 400;
	if (error instanceof ConflictError) return 409;
	return 500;
}

interface SchemaError {
	readonly instancePath: string;
	readonly message?: string;
	readonly params?: Record<string, unknown>;
}

/** One line such as "voltage_V must be <= 1000". */
function describe(error: SchemaError | undefined, where: string): string {
	if (error === undefined) return `${where} is not valid`;
	const name = error.instancePath.slice(1).replaceAll("/", ".") || where;
	const unknownField = error.params?.["additionalProperty"];
	if (unknownField !== undefined) return `${name} must not have the field ${String(unknownField)}`;
	const allowed = error.params?.["allowedValues"];
	return `${name} ${error.message ?? "is not valid"}${Array.isArray(allowed) ? `: ${allowed.join(", ")}` : ""}`;
}
