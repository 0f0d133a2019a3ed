package jukvm.cli.runtime;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.error.ConfigException;

/**
 * Arguments of a guest with the container's environment in them, since a guest has none of its own:
 * {@code {env:NAME}} becomes a variable's value, and <code>{{env:NAME}</code> stays, without the
 * first brace.
 */
final class EnvironmentWords {
    private static final Pattern FORM =
            Pattern.compile("(\\{?)(\\{env:([A-Za-z_][A-Za-z0-9_]*)\\})");

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
        return FORM.matcher(argument)
                .replaceAll(
                        found ->
                                Matcher.quoteReplacement(
                                        found.group(1).isEmpty()
                                                ? value(argument, found.group(3), environment)
                                                : found.group(2)));
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
