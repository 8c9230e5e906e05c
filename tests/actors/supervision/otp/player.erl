%% Plays supervisor programs on Erlang/OTP's own supervisor and prints what happened, one JSON object per program.
%% Called by otp_live.py: erl -noshell -run player main PROGRAMS, where PROGRAMS is a file of Erlang terms.
-module(player).
-behaviour(supervisor).
-export([main/1, init/1, start_worker/4, worker_init/4]).

main([File]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    {ok, Programs} = file:consult(File),
    lists:foreach(fun play/1, Programs),
    halt(0).

%% One program.

play({Flags, Children, Ops}) ->
    ets:new(incarnations, [named_table, public, set]),
    ets:new(journal, [named_table, public, ordered_set]),
    {Result, Root} =
        case supervisor:start_link(?MODULE, {Flags, Children, []}) of
            {ok, Pid} -> {ok, Pid};
            {error, _} -> {error, none}
        end,
    First = step(start, Result, Root),
    Steps = play_ops(Ops, Root, [First]),
    stop(Root),
    Last = step(stop, ok, none),
    io:format("[~s]~n", [lists:join(",", lists:reverse([Last | Steps]))]),
    flush(),
    ets:delete(incarnations),
    ets:delete(journal).

play_ops([], _Root, Steps) -> Steps;
play_ops([Op | Ops], Root, Steps) ->
    case alive(Root) of
        true ->
            Result = do(Op, Root),
            play_ops(Ops, Root, [step(element(1, Op), Result, Root) | Steps]);
        false -> Steps
    end.

stop(none) -> ok;
stop(Root) ->
    Ref = monitor(process, Root),
    exit(Root, shutdown),
    receive {'DOWN', Ref, process, Root, _} -> ok end.

flush() -> receive _ -> flush() after 0 -> ok end.

alive(none) -> false;
alive(Pid) -> is_process_alive(Pid).

do({die, Path, Reason}, Root) ->
    case find(Path, Root) of
        {ok, Pid, worker} ->
            Ref = monitor(process, Pid),
            Pid ! {die, Reason},
            receive {'DOWN', Ref, process, Pid, _} -> ok end;
        _ -> noproc
    end;
do({Op, Path, Argument}, Root) ->
    case find(Path, Root) of
        {ok, Pid, supervisor} -> call(Op, Pid, Path, Argument);
        {ok, _Pid, worker} -> not_a_supervisor;
        error -> noproc
    end.

call(start_child, Pid, Path, Child) -> answer(supervisor:start_child(Pid, spec(Child, Path)));
call(terminate_child, Pid, _Path, Id) -> answer(supervisor:terminate_child(Pid, Id));
call(restart_child, Pid, _Path, Id) -> answer(supervisor:restart_child(Pid, Id));
call(delete_child, Pid, _Path, Id) -> answer(supervisor:delete_child(Pid, Id)).

answer(ok) -> ok;
answer({ok, _}) -> ok;
answer({error, {already_started, _}}) -> already_started;
answer({error, Word}) when Word =:= already_present; Word =:= running; Word =:= restarting; Word =:= not_found -> Word;
answer({error, _}) -> error.

find([], Root) -> {ok, Root, supervisor};
find(Path, Root) -> find_below(Path, Root).

find_below([Id | Rest], Supervisor) ->
    case lists:keyfind(Id, 1, supervisor:which_children(Supervisor)) of
        {Id, Pid, Type, _} when is_pid(Pid), Rest =:= [] -> {ok, Pid, Type};
        {Id, Pid, supervisor, _} when is_pid(Pid) -> find_below(Rest, Pid);
        _ -> error
    end.

%% Waiting until nothing happens: every supervisor has answered, twice with nothing new between.

settle(Root) ->
    Before = {snapshot(Root), ets:info(journal, size)},
    erlang:yield(),
    case {snapshot(Root), ets:info(journal, size)} of
        Before -> ok;
        _ -> settle(Root)
    end.

snapshot(Pid) ->
    case alive(Pid) of
        false -> gone;
        true ->
            try supervisor:which_children(Pid) of
                Children ->
                    [{Id, Child, case {Type, is_pid(Child)} of {supervisor, true} -> snapshot(Child); _ -> leaf end}
                     || {Id, Child, Type, _} <- Children]
            catch exit:_ -> gone
            end
    end.

%% What a step looks like.

step(Op, Result, Root) ->
    settle(Root),
    Events = [Event || {_, Event} <- ets:tab2list(journal)],
    ets:delete_all_objects(journal),
    Tree = case alive(Root) of true -> tree(Root, []); false -> "null" end,
    io_lib:format("{\"op\":\"~s\",\"result\":\"~s\",\"log\":[~s],\"tree\":~s}",
                  [Op, Result, lists:join(",", [event(Event) || Event <- Events]), Tree]).

event({Event, Path, Incarnation, Why}) ->
    Reason = case Why of null -> "null"; _ -> ["\"", atom_to_list(Why), "\""] end,
    io_lib:format("{\"event\":\"~s\",\"path\":[~s],\"incarnation\":~p,\"why\":~s}",
                  [Event, lists:join(",", [["\"", Id, "\""] || Id <- Path]), Incarnation, Reason]).

tree(Supervisor, Path) ->
    Children = lists:reverse(supervisor:which_children(Supervisor)),
    ["[", lists:join(",", [row(Child, Path) || Child <- Children]), "]"].

row({Id, Pid, supervisor, _}, Path) when is_pid(Pid) ->
    io_lib:format("{\"id\":\"~s\",\"up\":true,\"children\":~s}", [Id, tree(Pid, Path ++ [Id])]);
row({Id, Pid, worker, _}, Path) when is_pid(Pid) ->
    [{_, Incarnation}] = ets:lookup(incarnations, Path ++ [Id]),
    io_lib:format("{\"id\":\"~s\",\"up\":true,\"incarnation\":~p}", [Id, Incarnation]);
row({Id, restarting, _, _}, _Path) ->
    io_lib:format("{\"id\":\"~s\",\"up\":\"restarting\"}", [Id]);
row({Id, undefined, _, _}, _Path) ->
    io_lib:format("{\"id\":\"~s\",\"up\":false}", [Id]).

%% Supervisors and workers.

init({{Strategy, Intensity, AutoShutdown}, Children, Path}) ->
    Flags = #{strategy => Strategy, intensity => Intensity, period => 3600, auto_shutdown => AutoShutdown},
    {ok, {Flags, [spec(Child, Path) || Child <- Children]}}.

spec({worker, Id, Restart, Significant, FailStarts}, Path) ->
    #{id => Id, start => {?MODULE, start_worker, [Path ++ [Id], FailStarts, 0, 0]}, restart => Restart,
      significant => Significant, shutdown => 5000, type => worker, modules => dynamic};
spec({supervisor, Id, Restart, Significant, Flags, Children}, Path) ->
    #{id => Id, start => {supervisor, start_link, [?MODULE, {Flags, Children, Path ++ [Id]}]}, restart => Restart,
      significant => Significant, shutdown => infinity, type => supervisor, modules => dynamic}.

start_worker(Path, FailStarts, _, _) ->
    Incarnation = ets:update_counter(incarnations, Path, 1, {Path, 0}),
    case lists:member(Incarnation, FailStarts) of
        true ->
            note(start_failed, Path, Incarnation, null),
            {error, told_to_fail};
        false -> proc_lib:start_link(?MODULE, worker_init, [self(), Path, Incarnation, 0])
    end.

worker_init(Parent, Path, Incarnation, _) ->
    process_flag(trap_exit, true),
    note(started, Path, Incarnation, null),
    proc_lib:init_ack(Parent, {ok, self()}),
    receive
        {'EXIT', Parent, Reason} ->
            note(ended, Path, Incarnation, Reason),
            exit(Reason);
        {die, Reason} ->
            note(ended, Path, Incarnation, Reason),
            exit(Reason)
    end.

note(Event, Path, Incarnation, Why) ->
    ets:insert(journal, {erlang:unique_integer([monotonic]), {Event, Path, Incarnation, Why}}).
