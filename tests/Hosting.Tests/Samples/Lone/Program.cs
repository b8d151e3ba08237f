Console.WriteLine($"{Environment.GetEnvironmentVariable("FROM_PROFILE")} {string.Join(' ', args)}");
