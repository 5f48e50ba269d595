// SPDX-License-Identifier: Apache-2.0

/** How a command to a switch or relay ended. */
export const controlOutcome = Object.freeze({
	/** Done, under way, or so already. */
	success: 0,
	/** The relay is busy or must rest, or reconnection is blocked for some time. */
	notNow: 1,
	/** The control mode has no such transition from this state. */
	refused: 2,
});

/** In a record: no order is kept. An order is its `controlTrigger` and one. */
export const noOrder = 0;

/** An order that is kept is looked at so often. */
export const keptOrderPeriod_ms = 1000;

/** Who may forbid a reconnection: the limiter, and what was ordered against switching many meters at once. */
export interface ReconnectionGuard {
	blocksReconnection(isRemote: boolean): boolean;
	/** A reconnection that nobody is waiting for has to wait for its turn (SEC-mass). */
	holdsReconnection(): boolean;
	/** A client has reconnected the supply. */
	remotelyReconnected(): void;
	/** A client has asked for the supply in a control mode that leaves the closing to the button or to the meter itself. */
	remotelyReleased(): void;
}
