// SPDX-License-Identifier: Apache-2.0

/**
 * Parameters of the TCP-UDP setup object (class_id 41) that the link layer obeys. The object writes them; a running
 * session sees the change at its next time-out check.
 */
export interface TcpUdpSetup {
	/** nb_of_sim_conn, at least 1. */
	simultaneousConnections: number;
	/** inactivity_time_out, seconds without a complete APDU; 0 = never. */
	inactivityTimeout_s: number;
}
