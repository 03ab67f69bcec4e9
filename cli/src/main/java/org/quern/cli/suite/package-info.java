/**
 * {@code quern suite}: test suites of others and one report for all of them. What a suite is made
 * of is the business of its own class; running guest code is not: most start Quern again, one
 * process a case. Start with {@code SuiteVerb}.
 */
package org.quern.cli.suite;
