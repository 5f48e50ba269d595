// SPDX-License-Identifier: Apache-2.0
import { STATUS_CODES } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from "fastify";
import type { Phase } from "../grid/phase-setting.js";
import type { AccessGuard } from "./access-guard.js";
import type { Instrument } from "./instrument.js";
import { integer, object, type Schema, text, type ValueOf } from "./json-schema.js";
import type { LiveFeed } from "./live-feed.js";
import {
	answersRequest,
	clockPartRequest,
	householdRequest,
	housingRequest,
	inputRequest,
	mainsRequest,
	phaseRequest,
	poleRequest,
	powerRequest,
	relayRequest,
	speedRequest,
	stepRequest,
} from "./request-schemas.js";
import { ledsSchema, stateSchema } from "./state-schema.js";
import type { StepQueue } from "./step-queue.js";

export interface ControlParts {
	readonly instrument: Instrument;
	readonly guard: AccessGuard;
	readonly feed: LiveFeed;
	readonly steps: StepQueue;
	/** Everything can be seen and nothing changed. */
	readonly isReadOnly: boolean;
}

const errorSchema = object("Why nothing was done", {
	statusCode: integer("That of the answer"),
	error: text("Its name"),
	message: text("In words, for people"),
});

const phaseParameters = {
	type: "object",
	properties: { phase: { type: "string", enum: ["1", "2", "3"], description: "L1, L2 or L3" } },
	required: ["phase"],
} as const;

const inputParameters = {
	type: "object",
	properties: { input: { type: "string", enum: ["1", "2", "3", "4"], description: "Number of the input" } },
	required: ["input"],
} as const;

const relayParameters = {
	type: "object",
	properties: { relay: { type: "string", enum: ["1", "2", "3"], description: "Number of the relay" } },
	required: ["relay"],
} as const;

/** Errors that a request can have besides those of its own; every route has the first three. */
const errors = {
	401: { description: "The token is missing or wrong", $ref: "Error#" },
	403: { description: "Foreign web page or host, or a panel for reading only", $ref: "Error#" },
	500: { description: "A fault of the simulator", $ref: "Error#" },
};
const errorsOfChange = {
	...errors,
	400: { description: "Not understood, or out of range: nothing has changed", $ref: "Error#" },
	409: { description: "This simulator can not do it as it was started", $ref: "Error#" },
	413: { description: "Too long", $ref: "Error#" },
	415: { description: "Not application/json", $ref: "Error#" },
};

function reading(operationId: string, summary: string, reference: string): FastifySchema {
	return { operationId, summary, response: { 200: { description: "OK", $ref: reference }, ...errors } };
}

function changing(operationId: string, summary: string, body: Schema<unknown>, params?: object): FastifySchema {
	return {
		operationId,
		summary,
		body,
		...(params === undefined ? {} : { params }),
		response: { 200: { description: "Done; the state after it", $ref: "State#" }, ...errorsOfChange },
	};
}

interface Changing<S> {
	Body: ValueOf<S>;
	Params: { phase: string; input: string; relay: string };
}

/** The control interface below /api: all that the front panel does goes through it. */
export async function controlRoutes(app: FastifyInstance, parts: ControlParts): Promise<void> {
	const { instrument, guard, feed, steps } = parts;
	app.addSchema({ $id: "State", title: "State", ...stateSchema });
	app.addSchema({ $id: "Leds", title: "Leds", ...ledsSchema });
	app.addSchema({ $id: "Error", title: "Error", ...errorSchema });

	app.addHook("onRequest", async (request: FastifyRequest, reply: FastifyReply) => {
		const refusal = guard.refuseControl(request.headers);
		if (refusal !== undefined)
			return reply.code(refusal.statusCode).send(httpError(refusal.statusCode, refusal.message));
		if (!parts.isReadOnly || request.method === "GET" || request.method === "HEAD") return;
		return reply.code(403).send(httpError(403, "this panel was started for reading only"));
	});

	/** Every change answers with the state after it; viewers see it at once. */
	const done = () => {
		feed.push();
		return instrument.state();
	};

	app.get("/state", { schema: reading("getState", "All that can be seen of the meter", "State#") }, () =>
		instrument.state(),
	);
	app.get("/leds", { schema: reading("getLeds", "Pulse counts with the time of the last edge", "Leds#") }, () =>
		instrument.leds(),
	);
	app.route({
		method: "GET",
		url: "/live",
		schema: {
			operationId: "getLive",
			summary: "WebSocket that pushes the state as JSON about five times a second",
			response: {
				101: { description: "The connection is open; each message is of the schema State", type: "null" },
				426: { description: "This address is for WebSockets", $ref: "Error#" },
				...errors,
			},
		},
		handler: (_request, reply) =>
			reply.code(426).header("upgrade", "websocket").send(httpError(426, "this address is for WebSockets")),
		wsHandler: (socket) => feed.add(socket),
	});
	app.put<Changing<typeof mainsRequest>>(
		"/mains",
		{ schema: changing("putMains", "Change frequency, phase order, neutral", mainsRequest) },
		(request) => {
			instrument.setMains(request.body);
			return done();
		},
	);
	app.put<Changing<typeof phaseRequest>>(
		"/mains/phases/:phase",
		{ schema: changing("putPhase", "Change voltage and load of a phase", phaseRequest, phaseParameters) },
		(request) => {
			instrument.setPhase(Number(request.params.phase) as Phase, request.body);
			return done();
		},
	);
	app.put<Changing<typeof householdRequest>>(
		"/mains/household",
		{ schema: changing("putHousehold", "Let the household drive all loads, or none", householdRequest) },
		(request) => {
			instrument.setHousehold(request.body.enabled);
			return done();
		},
	);
	app.put<Changing<typeof householdRequest>>(
		"/mains/phases/:phase/household",
		{
			schema: changing(
				"putPhaseHousehold",
				"Let the household drive the load of a phase, or not",
				householdRequest,
				phaseParameters,
			),
		},
		(request) => {
			instrument.setHousehold(request.body.enabled, Number(request.params.phase) as Phase);
			return done();
		},
	);
	app.put<Changing<typeof speedRequest>>(
		"/time",
		{ schema: changing("putTime", "Change the speed of meter time", speedRequest) },
		(request) => {
			const { speed } = request.body;
			instrument.setSpeed(speed === "max" ? Number.POSITIVE_INFINITY : speed);
			return done();
		},
	);
	app.post<Changing<typeof stepRequest>>(
		"/time/step",
		{ schema: changing("postStep", "Run a stretch of meter time at once", stepRequest) },
		async (request) => {
			await steps.run(Math.max(1, Math.round(request.body.seconds * 1000)));
			return done();
		},
	);
	app.post<Changing<typeof powerRequest>>(
		"/power",
		{ schema: changing("postPower", "Cut or restore the supply of the meter", powerRequest) },
		(request) => {
			instrument.setPower(request.body.action === "restore");
			return done();
		},
	);
	app.put<Changing<typeof answersRequest>>(
		"/answers",
		{ schema: changing("putAnswers", "Let the meter answer its clients wrongly on purpose", answersRequest) },
		(request) => {
			instrument.setAnswers(request.body);
			return done();
		},
	);
	app.put<Changing<typeof housingRequest>>(
		"/housing",
		{ schema: changing("putHousing", "Open covers or the seal, bring a magnet, hold the button", housingRequest) },
		(request) => {
			instrument.setHousing(request.body);
			return done();
		},
	);
	app.put<Changing<typeof clockPartRequest>>(
		"/clock",
		{ schema: changing("putClock", "Change temperature, quartz or backup cell of the clock part", clockPartRequest) },
		(request) => {
			instrument.setClockPart(request.body);
			return done();
		},
	);
	app.put<Changing<typeof poleRequest>>(
		"/switch/poles/:phase",
		{ schema: changing("putPole", "Give a pole of the supply switch a fault", poleRequest, phaseParameters) },
		(request) => {
			instrument.setPole(Number(request.params.phase) as Phase, request.body);
			return done();
		},
	);
	app.put<Changing<typeof inputRequest>>(
		"/inputs/:input",
		{ schema: changing("putInput", "Put voltage on an input, or take it away", inputRequest, inputParameters) },
		(request) => {
			instrument.setInput(Number(request.params.input), request.body);
			return done();
		},
	);
	app.put<Changing<typeof relayRequest>>(
		"/relays/:relay",
		{ schema: changing("putRelay", "Give an auxiliary relay a fault", relayRequest, relayParameters) },
		(request) => {
			instrument.setRelay(Number(request.params.relay), request.body);
			return done();
		},
	);
	app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
}

function httpError(statusCode: number, message: string): ValueOf<typeof errorSchema> {
	return { statusCode, error: STATUS_CODES[statusCode] ?? "Error", message };
}
