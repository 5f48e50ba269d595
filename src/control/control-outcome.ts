// SPDX-License-Identifier: Apache-2.0

/** How a command to a switch or relay ended. */
export const controlOutcome = Object.freeze({
	/** Done, under way, or so already. */
	success: 0,
	/** The relay is busy or must rest, or reconnection is blocked for some time. */
	notNow: 1,
	/** The control mode has no such transition from this state, or the load side is fed by something else. */
	refused: 2,
});

/** Who may forbid a reconnection: the limiter. */
export interface ReconnectionGuard {
	blocksReconnection(isRemote: boolean): boolean;
	/** A client has reconnected the supply. */
	remotelyReconnected(): void;
}
