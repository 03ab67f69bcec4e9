/**
 * Tests that need several modules: architecture rules, boots, and (as they arrive) the conformance
 * suite that every accelerator inherits. Tests of one module live beside their code.
 */
package org.quern.tests;
