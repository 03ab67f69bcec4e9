/**
 * {@code quern lockstep}: the same guest under the interpreter and under the translator, compared
 * at every stop. Start at {@link org.quern.cli.lockstep.Lockstep}. Nothing here knows how either of
 * them works.
 */
package org.quern.cli.lockstep;
