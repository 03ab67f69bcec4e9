package org.quern.cli.suite;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a report as JSON. */
final class JsonCases {
  /** Changes when a field changes its name or meaning. */
  private static final int FORMAT = 1;

  private JsonCases() {}

  static void write(Report report, Path to) throws IOException {
    try (JsonGenerator g = new JsonFactory().createGenerator(Files.newBufferedWriter(to))) {
      g.useDefaultPrettyPrinter();
      g.writeStartObject();
      g.writeNumberField("format", FORMAT);
      g.writeStringField("suite", report.suite());
      g.writeStringField("host", report.host());
      g.writeArrayFieldStart("cases");
      for (CaseResult r : report.results()) {
        g.writeStartObject();
        g.writeStringField("group", r.group());
        g.writeStringField("name", r.name());
        g.writeStringField("verdict", r.verdict().label());
        g.writeNumberField("checks", r.checks());
        g.writeStringField("detail", r.detail());
        g.writeNumberField("seconds", r.seconds());
        g.writeStringField("command", r.command());
        g.writeEndObject();
      }
      g.writeEndArray();
      g.writeEndObject();
    }
  }
}
