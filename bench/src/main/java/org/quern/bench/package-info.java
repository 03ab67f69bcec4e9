/**
 * JMH benchmarks.
 *
 * <p>What will live here: one benchmark class per question (memory access, dispatch, flags, a whole
 * boot), each saying in its class comment which decision it supports. They are built with
 * everything else and run on request only.
 *
 * <p>Nothing is implemented yet.
 */
package org.quern.bench;
