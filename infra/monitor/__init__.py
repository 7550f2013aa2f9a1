"""What Airflow asks before and while the stream runs: are the services there, does it move on?"""
