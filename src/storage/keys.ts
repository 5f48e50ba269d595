// SPDX-License-Identifier: Apache-2.0

/**
 * Keys of the records of a meter, 0..255, the one list of them. A number, once released, is never used for anything else.
 * Of several records the comment tells the numbers that are added; a test holds them apart.
 * The first octet of every record is its layout version.
 */
export const recordKey = Object.freeze({
	// journal
	registers: 1,
	registersGiven: 2,
	clockState: 3,
	profileState: 4, // of the only profile of early releases
	alarmState: 5,
	scheduleState: 6,
	// sealed metrological parameters
	calibration: 8,
	ledConstant: 9,
	measurementSettings: 10,
	// security
	securityKeys: 16, // + security setup 0..6
	receiveCounters: 24, // + security setup 0..6
	sendCounters: 32, // + security setup 0..6
	userLists: 40, // + association 0..7
	// parameters
	schedules: 48, // + slot of the schedule, 0..15
	clockParameters: 64,
	loadProfile1: 65,
	profileStates: 66, // journal
	changeCounters: 70,
	alarmFilters: 71,
	eventMasks: 72,
	opticalPort: 74,
	opticalHdlc: 75,
	rs485Port: 76,
	rs485Hdlc: 77,
	readoutList: 78,
	portProtection: 79,
	tcpUdp: 93,
	ipv4: 94,
	compactData: 95, // + object, 0..1
	parameterMonitor: 97,
	dataObjects: 80, // + index of the writable Data object, 0..12
	// profiles and billing
	profiles: 120, // + place in the table of profiles, 0..10; but load profile 1
	billingState: 136, // journal
	billingParameters: 137,
	billingSnapshot: 138, // journal
	// switch, limiter, Code Red: journal but where said otherwise
	supplySwitch: 140,
	limiters: 141, // parameters
	limiterState: 142,
	// inputs and outputs: sealed order, parameters, journal
	relayOrders: 144,
	ioSettings: 145,
	relays: 146, // journal
	relayScripts: 147,
	pulseCounts: 148, // journal
	switchingOrder: 149, // sealed order
	// suites 1 and 2
	certificatePlaces: 185,
	certificates: 186, // + place, 0..13
	keyPairs: 200, // + certificate type, 0..2
	// fraud: journal, then parameters
	fraudState: 160,
	fraudParameters: 161,
	// push: parameters, then journal
	pushSettings: 170, // + push 0..7
	clockShifts: 184, // journal
	pushState: 178,
	// tariffs: journal, then parameters
	energyRates: 100,
	tariffState: 101,
	registerActivation: 102, // + 0..1: energy, demand
	tariffScripts: 104,
	tariffSource: 105,
	calendars: 106, // + 0..11: for each calendar the head, then three banks of day profiles
	displayOptions: 118, // parameters
	scheduleDone: 119, // journal
	scheduleEntries: 99, // parameters
	specialDays: 215, // + calendar 0..2
	framBinding: 218, // journal
	clockChange: 219, // journal
	portFailures: 203, // journal
	portBursts: 207, // journal
	pushConfirmations: 204, // journal
	rs485Role: 205, // parameters
	functionControl: 206, // parameters
	clockSynchronisation: 220, // parameters
	watchedValues: 221, // parameters
	recordingInterval: 222, // + 0..1: parity of the entry that ends it; journal
	ledSources: 224, // parameters
	alarmMonitors: 225, // parameters
	cellUse: 226, // journal
	cellDates: 227, // parameters
	consumerMessages: 228, // + 0..1; parameters
	displayLists: 230, // + 0..2: automatic, manual, service; parameters
	// demand: journal, then parameters
	demandMaxima: 240,
	demandPeriod: 241,
	demandRunning: 242,
	extremes: 243,
	demandParameters: 244,
	// power quality: journal, then parameters
	powerQualityState: 248,
	powerQualityWeek: 249,
	powerQualityParameters: 250,
	thdLimits: 251,
});
