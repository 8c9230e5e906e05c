%% The same work on Erlang/OTP: gen_servers under a supervisor. Prints one line per figure: name value.
-module(bench_supervision_otp).
-behaviour(supervisor).
-export([main/0, init/1, start_worker/1, handle_call/3, handle_cast/2, handle_info/2]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    {ok, Supervisor} = supervisor:start_link(?MODULE, supervisor),
    {ok, Worker} = start(Supervisor, worker, permanent),
    Asks = 200000,
    report(ask_per_second, Asks * 1000000 / micros(fun() -> repeat(Asks, fun() -> gen_server:call(Worker, ask) end) end)),
    report(tell_per_second, Asks * 1000000 / micros(fun() ->
        repeat(Asks, fun() -> gen_server:cast(Worker, tell) end), gen_server:call(Worker, ask, infinity) end)),
    Spawns = 10000,
    Before = erlang:memory(processes),
    report(spawn_microseconds, micros(fun() ->
        lists:foreach(fun(N) -> {ok, _} = start(Supervisor, {spawned, N}, temporary) end, lists:seq(1, Spawns)) end) / Spawns),
    report(kib_per_actor, (erlang:memory(processes) - Before) / Spawns / 1024),
    Crashes = lists:sort([crash(Supervisor) || _ <- lists:seq(1, 300)]),
    report(crash_to_restarted_p50_microseconds, lists:nth(150, Crashes)),
    report(crash_to_restarted_p99_microseconds, lists:nth(297, Crashes)),
    halt(0).

report(Name, Value) -> io:format("~s ~p~n", [Name, float(Value)]).

micros(Fun) -> {Micros, _} = timer:tc(Fun), Micros.

repeat(0, _Fun) -> ok;
repeat(N, Fun) -> Fun(), repeat(N - 1, Fun).

crash(Supervisor) ->
    {_, Pid, _, _} = lists:keyfind(worker, 1, [hd(lists:reverse(supervisor:which_children(Supervisor)))]),
    Began = erlang:monotonic_time(nanosecond),
    ets:insert(restarts, {waiting, self()}),
    Pid ! die,
    receive {started, Moment} -> (Moment - Began) / 1000 end.

start(Supervisor, Id, Restart) ->
    supervisor:start_child(Supervisor, #{id => Id, start => {?MODULE, start_worker, [Id]}, restart => Restart}).

start_worker(Id) -> gen_server:start_link(?MODULE, {worker, Id}, []).

init(supervisor) ->
    ets:new(restarts, [named_table, public]),
    {ok, {#{strategy => one_for_one, intensity => 1000000, period => 3600}, []}};
init({worker, worker}) ->
    case ets:lookup(restarts, waiting) of
        [{waiting, Pid}] -> Pid ! {started, erlang:monotonic_time(nanosecond)};
        [] -> ok
    end,
    {ok, none};
init({worker, _Id}) ->
    {ok, none}.

handle_call(ask, _From, State) -> {reply, ok, State}.
handle_cast(tell, State) -> {noreply, State}.
handle_info(die, _State) -> exit(told_to_crash).
