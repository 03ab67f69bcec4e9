/**
 * JMH benchmarks of single pieces: compiled with the tests, run on request only by {@code ./quern
 * jmh}. Each says which decision it supports. How to run and read them is in docs/performance.md.
 */
package org.quern.bench.jmh;
