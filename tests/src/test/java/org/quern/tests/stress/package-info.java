/**
 * Guests that change what they execute: self-modifying and cross-modifying code, code generators,
 * remapped pages. Each runs under the interpreter and under the translator, translating at once and
 * at its default threshold.
 */
package org.quern.tests.stress;
