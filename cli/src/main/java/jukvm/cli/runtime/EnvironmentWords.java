package jukvm.cli.runtime;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.cli.run.Placeholders;
import jukvm.error.ConfigException;

/**
 * Arguments of a guest with the container's environment in them, since a guest has none of its own:
 * {@code {env:NAME}} becomes a variable's value. What else is a place-holder is left for the run,
 * where there is more to know. Of braces before either two stand for one; all others stay, for
 * which they are quoted.
 */
final class EnvironmentWords {
    private static final Pattern FORM =
            Pattern.compile(
                    "(\\{+)((?:env:([A-Za-z_][A-Za-z0-9_]*)|([a-z][a-z0-9-]*)(?::[0-9A-Za-z]*)?)\\})");

    private EnvironmentWords() {}

    /**
     * Returns the arguments so.
     *
     * @param environment {@code NAME=VALUE}; of a name that stands twice the last counts
     * @throws ConfigException if a variable is not there
     */
    static List<String> expand(List<String> arguments, List<String> environment) {
        return arguments.stream().map(argument -> expand(argument, environment)).toList();
    }

    private static String expand(String argument, List<String> environment) {
        StringBuilder expanded = new StringBuilder();
        Matcher form = FORM.matcher(argument);
        int done = 0;
        while (form.find()) {
            expanded.append(Placeholders.quoted(argument.substring(done, form.start())));
            expanded.append(meant(argument, form, environment));
            done = form.end();
        }
        return expanded + Placeholders.quoted(argument.substring(done));
    }

    private static String meant(String argument, MatchResult form, List<String> environment) {
        String variable = form.group(3);
        if (variable == null && !Placeholders.isKnown(form.group(4))) {
            return Placeholders.quoted(form.group());
        }
        int braces = form.group(1).length();
        String before = Placeholders.quoted("{".repeat(braces / 2));
        if (braces % 2 == 0) {
            return before + form.group(2);
        }
        return before
                + (variable == null
                        ? "{" + form.group(2)
                        : Placeholders.quoted(value(argument, variable, environment)));
    }

    private static String value(String argument, String name, List<String> environment) {
        String start = name + "=";
        return environment.stream()
                .filter(variable -> variable.startsWith(start))
                .reduce((earlier, later) -> later)
                .map(variable -> variable.substring(start.length()))
                .orElseThrow(
                        () ->
                                new ConfigException(
                                        "argument '"
                                                + argument
                                                + "': the container has no variable "
                                                + name
                                                + "; give it one, or write {{env: for a brace"));
    }
}
