// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useState } from "preact/hooks";
import type { State } from "../state-schema.js";
import { call, type Method, RefusedError, setToken, token } from "./control.js";

const retry_ms = 1000;

export type LinkStatus = "connecting" | "open" | "lost" | "needsToken";

export interface Live {
	readonly state: State | undefined;
	readonly status: LinkStatus;
	/** Message of the last request that was refused; empty after one that was done. */
	readonly refusal: string;
	/** Sends a request and shows the state after it. */
	readonly send: (method: Method, path: string, body: object) => Promise<void>;
	readonly enterToken: (text: string) => void;
}

/** The state as the simulator pushes it, and a way to change it. */
export function useLive(): Live {
	const [state, setState] = useState<State | undefined>(undefined);
	const [status, setStatus] = useState<LinkStatus>("connecting");
	const [refusal, setRefusal] = useState("");
	const [attempt, setAttempt] = useState(0);

	useEffect(() => openFeed(setState, setStatus), [attempt]);

	const send = useCallback(async (method: Method, path: string, body: object) => {
		try {
			setState(await call(method, path, body));
			setRefusal("");
		} catch (error) {
			setRefusal(error instanceof RefusedError ? error.message : "the simulator can not be reached");
		}
	}, []);

	const enterToken = useCallback((text: string) => {
		setToken(text.trim());
		setAttempt((n) => n + 1);
	}, []);

	return { state, status, refusal, send, enterToken };
}

/** Keeps a WebSocket open until the function returned is called. */
function openFeed(show: (state: State) => void, tell: (status: LinkStatus) => void): () => void {
	let socket: WebSocket | undefined;
	let timer = 0;
	let isEnded = false;
	const open = async () => {
		try {
			show(await call("GET", "/state")); // tells a missing token from a missing simulator
		} catch (error) {
			if (isEnded) return;
			if (error instanceof RefusedError && error.statusCode === 401) return tell("needsToken");
			tell("lost");
			timer = setTimeout(open, retry_ms);
			return;
		}
		if (isEnded) return;
		const bearer = token();
		const protocols = ["sx402.live", ...(bearer === null ? [] : [`bearer.${bearer}`])];
		socket = new WebSocket(`ws://${location.host}/api/live`, protocols);
		socket.onopen = () => tell("open");
		socket.onmessage = (message) => show(JSON.parse(message.data));
		socket.onclose = () => {
			if (isEnded) return;
			tell("lost");
			timer = setTimeout(open, retry_ms);
		};
	};
	open();
	return () => {
		isEnded = true;
		clearTimeout(timer);
		socket?.close();
	};
}
